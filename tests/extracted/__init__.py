"""Services pulled out of the monolith: each runs alone, and answers what the monolith answers."""
