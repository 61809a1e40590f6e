package ledger

import "os"

// mustTemp is a folder for the Example, which has no test to ask for one.
func mustTemp() string {
	dir, err := os.MkdirTemp("", "ledger-example-")
	if err != nil {
		panic(err)
	}
	return dir
}
