package app

import (
	"io"
	"log/slog"
	"os"
)

// newLogger writes text to a terminal and JSON lines elsewhere, from the configured level on, or
// else the command's own.
func newLogger(config Config, out io.Writer, own slog.Level) *slog.Logger {
	level := own
	if config.LogLevel != nil {
		level = *config.LogLevel
	}
	options := &slog.HandlerOptions{Level: level}
	if isTerminal(out) {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

// isTerminal holds for streams that a person reads or types.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
