"""What people of the benchmark say: a line of chat, so that stanzas are of a usual length."""

WORDS = "the quick brown fox jumps over the lazy dog and then takes a long nap in the sun "
