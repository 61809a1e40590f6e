// Package office makes what an audit office takes home.
//
// A pack ([WritePack]) is the ledger as tables, made of the log alone: one CSV each, with what every column means and control totals. It
// says where two standards, ISO 21378 and GB/T 42940-2023, have something near, which is a profile and no conformity. The same log gives
// the same pack to the byte, but for the moment that it was made at.
//
// [Reconcile] holds the payouts against the treasury's own payment files, both ways and to the fen: each payout and each payment is matched,
// matched and differing, or left over, once.
package office
