// Package intake reads files of commands.
package intake
