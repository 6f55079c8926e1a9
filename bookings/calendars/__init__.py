"""Google calendars of offerings: what may be done, doing it exactly once, and the record of it.

* actions   pure: the three actions, a calendar's status, what is allowed, what confirms an action
* journal   the record in the database; its unique sequence is what makes an action happen once
* runner    sends one POST per entry of the journal and finds out what became of it
* database  the table, the engine and its migrations
"""
