"""From the API's objects to records. Pure functions: no request, no clock."""
