// Package eventstore keeps events: one log is one NATS JetStream stream. It knows nothing of what the events say.
package eventstore
