"""`python -m tests.reference`: write docs/commands.md and docs/refusals.md anew from the code."""

from tests.reference import commands, refusals

for page in (commands, refusals):
    page.PAGE.write_text(page.text(), encoding="utf-8")
    print(f"{page.PAGE.name} is written.")
