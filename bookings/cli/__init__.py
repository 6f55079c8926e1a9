"""The reviews and the calendar actions without a browser: `python -m bookings …`.

Answers go to standard output, as JSON lines for machines or as a table for people; everything
else goes to standard error. Exit status: 0 all is well, 1 the review found something or an
action was not done, 2 the command or its input is wrong.
"""

import typer

from bookings.cli import calendars, partitions, plans
from bookings.cli.server import TOKEN_VARIABLE
from bookings.cli.terminal import Commands

__all__ = ["app"]

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Reviews of SLURM partitions and of plans recorded in Waldur, and actions on Google "
    "calendars. FILE may be - for standard "
    "input. Without a file of partitions or offerings they come from the server of "
    f"WALDUR_API_URL, with the token of {TOKEN_VARIABLE}.",
)
app.add_typer(partitions.app)
app.add_typer(plans.app)
app.add_typer(calendars.app, name="calendar")
