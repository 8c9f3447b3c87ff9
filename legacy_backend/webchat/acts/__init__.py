"""All that a person can do here, a function each, with the rules that go with it.

Every act takes its transaction (`Work`, or a connection if it only reads) and who acts. It raises
LegacyError with the conditions that `LegacyAccount` names for it, before it changes anything.
REST and `WebChatAccount` call these functions and nothing else.
"""
