"""The wire: how a Waldur server is asked, and what its answers mean."""
