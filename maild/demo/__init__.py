"""`maild demo`: the real daemon and a story that is played to it by mail, step by step checked."""
