"""The transcripts, a file for each use case of XEP-0045 and its companions."""
