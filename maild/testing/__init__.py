"""Servers, fakes and builders for the tests of maild and of what is built on it."""
