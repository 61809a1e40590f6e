// Package prooftest makes trees, keys and checkpoints for the tests of the packages that check them.
package prooftest
