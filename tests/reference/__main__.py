"""`python -m tests.reference`: write docs/commands.md, docs/refusals.md, docs/schema.json and the table of docs/api.md anew from the code."""

from tests.reference import commands, refusals, schema, scopes

for page in (commands, refusals, schema, scopes):
    page.PAGE.write_text(page.text(), encoding="utf-8")
    print(f"{page.PAGE.name} is written.")
