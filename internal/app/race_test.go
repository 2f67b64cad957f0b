//go:build race

package app_test

// raceDetector tells that the test runs with it, and so must the program.
const raceDetector = true
