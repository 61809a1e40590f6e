// Package scribe writes logs in memory for tests: commands decided as a ledger decides them, and the two made-up years.
package scribe
