// Package outward tells others what happened in the fund: webhooks.
//
// A webhook is an address that a user has told (package accounts). It is sent every event that it asked for, and every notice, each as a CloudEvent in
// JSON (structured mode of the CloudEvents HTTP binding, application/cloudevents+json), in a POST of its own, in the order of the log. Its attributes
// are those that the event has on the log, with its position ("sequence") and the hash of its leaf ("leafhash"), so that whoever is told can hold
// the event against the log's tree.
//
// A delivery is signed as Standard Webhooks 1.0 says: webhook-id is the event's id, webhook-timestamp the moment in Unix seconds, webhook-signature
// "v1," and the base64 of HMAC-SHA256 over id, timestamp and body with a dot between them; during a change of secrets two, with a space between them.
//
// An answer of 2xx is a delivery. It may be made twice: after a crash the last ones are made again, in order, and the id tells. Anything else is
// tried again:
//
//   - Nobody answers, in time, or with 408, 425, 429, 502, 503 or 504: that is not the event's fault. It waits, and all behind it, ever longer, for
//     five minutes at most between two tries. Nothing is lost, for the log keeps everything.
//   - Any other answer refuses this one. After five tries it goes to the poison queue, with the reason, and the next is told. What lies there can be
//     seen and sent again. Ten in a row are no coincidence: then the receiver is at fault, and the next waits too.
//
// Where a webhook stands is kept beside the log ([eventstore.Bookmark]): one instance tells at a time, and any of them goes on.
package outward
