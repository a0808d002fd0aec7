"""Cases for machines of the hotline: `/api/v1/cases`, at the console only, with a key that acts as a person."""
