"""Google calendars of offerings: what may be done, doing it exactly once, and the record of it.

* actions     pure: the three actions, a calendar's status, what is allowed, what confirms one
* decisions   pure: the answers to a request to book, and what confirms one
* links       pure: the addresses of a public calendar, for people and for their programs
* on_record   what the record tells of calendars beside what was read of them
* preflight   what would become of an action on many calendars
* processes   which process wrote a record, and whether it still runs
* journal     the record of actions; its unique sequence is what makes an action happen once
* runner      sends one POST per entry of the journal and finds out what became of it
* run_record  the record of runs over many calendars, and which calendars each of them has
* runs        works through a run, a bounded number of calendars at once
* afterwards  reads what ended without a certain end when its person is back
* retention   how long the record is kept
"""
