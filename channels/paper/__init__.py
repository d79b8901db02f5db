"""Papir: documents, PDFs, pictures and signs."""
