"""Everything of Waldur Booking Desk that is not a screen."""

PRODUCT = "waldur-booking-desk"
VERSION = "0.1.0"
