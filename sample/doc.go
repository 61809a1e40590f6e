// Package sample makes histories to look at and to measure with: two plausible years of the Changning policy, the same for
// every run, and any number of valid commands for load. All persons and enterprises are made up.
package sample
