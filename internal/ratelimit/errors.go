package ratelimit

import "cartwright/internal/errs"

// ErrLimited is a refused verdict; its RetryAfter says when the next would be allowed.
var ErrLimited = errs.New(errs.Limited, "rate_limited", "Too many requests. Try again later.")
