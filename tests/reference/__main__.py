"""`python -m tests.reference`: write docs/commands.md, docs/refusals.md and docs/schema.json anew from the code."""

from tests.reference import commands, refusals, schema

for page in (commands, refusals, schema):
    page.PAGE.write_text(page.text(), encoding="utf-8")
    print(f"{page.PAGE.name} is written.")
