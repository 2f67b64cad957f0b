// Package ratelimit bounds how often something may happen: how often an address may ask, how often a
// password of one account may be tried.
//
// Owns: the counts, in the process and, where one is configured, in Redis.
// Does not own: what is limited, how strictly and by which key (package api), nor the answer to who is refused.
//
// Invariants: within every stretch of a limit's window, whenever it begins, a key is allowed at most its quota.
// Half of that may come at once; the rest drips in, so that nobody gains by waiting for a window to turn over.
// A process holds a fixed amount of memory per limit, two megabytes once it is in use: no number of keys grows it,
// and none pushes another's count out. Instances that share a Redis share their counts; while it is away, each goes
// on alone from what it was told last, and asks again after a moment. No failure allows everything, and none refuses.
// Keys leave the process only as keyed digests: Redis holds neither addresses nor e-mails.
//
// Memory is bounded because there is no list of keys: a key stands for four cells of a table, and counts as much
// as the emptiest of them. Keys that are strangers to each other may share cells, so a count may be too high, never
// too low. With a thousand keys in use at once four shared cells happen once in ten million; when far more keys are in
// use than the table has cells, as when a botnet tries a password a second for every account there is, strangers begin
// to be refused as well. That is the intended end of the scale: such a limit narrows before it opens. A key is in
// use only until its bucket is full again, which for a generous limit takes milliseconds. Cells are found by a secret
// digest, so nobody can aim for another's.
//
// Words: a limit is a quota in a window; a key is whom it is counted for; a key's bucket fills one by one, and a
// verdict says whether there was something in it.
package ratelimit
