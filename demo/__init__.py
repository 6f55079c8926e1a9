"""An embedded demo Waldur: believable bookable services behind the manners of a real server.

It is another party on the wire, so it shares no code with the client it serves. Run it with
``python -m demo``, or inside a test with :func:`demo.server.running`.
"""
