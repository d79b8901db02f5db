"""The volunteers' page: small, plain, in Danish, without an account and without JavaScript.

A GET only looks. A POST takes one decision of `models/`, then sends the browser to a receipt (303), so
that a second press, a reload or a mail scanner changes nothing.
"""
