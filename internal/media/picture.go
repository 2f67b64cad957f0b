package media

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Format is how a file is encoded, by the ending of its name.
type Format string

// The formats that are taken and served.
const (
	JPEG Format = "jpg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
)

var mediaTypes = map[Format]string{JPEG: "image/jpeg", PNG: "image/png", GIF: "image/gif", WebP: "image/webp"}

// Size is which file of a picture is meant.
type Size string

// The files of a picture. Thumbnails keep its shape and are never larger than it.
const (
	Original Size = "original"
	Small    Size = "small"
	Medium   Size = "medium"
	Large    Size = "large"
)

// thumbnails are the longest sides in pixels, the largest first: each is made from the one before.
var thumbnails = []struct {
	size    Size
	longest int
}{{Large, 1080}, {Medium, 480}, {Small, 160}}

// Picture is an upload that is stored. Width and Height are those of its upright original.
type Picture struct {
	Key             string // names it: the day it was stored and the digest of the upload
	Format          Format
	ThumbnailFormat Format
	Width, Height   int32
}

// name is where one of the picture's files is stored, below whatever the storage keeps.
func (p Picture) name(size Size) string {
	format := p.ThumbnailFormat
	if size == Original {
		format = p.Format
	}
	return fmt.Sprintf("%s/%s.%s", p.Key, size, format)
}

// names are all of them.
func (p Picture) names() []string {
	names := []string{p.name(Original)}
	for _, thumbnail := range thumbnails {
		names = append(names, p.name(thumbnail.size))
	}
	return names
}

// Path is where pictures are served, and the folder of a bucket that holds them.
const Path = "/media/"

// fileName is what the name of a stored file looks like; nothing else is ever looked for.
var fileName = regexp.MustCompile(`^[0-9]{8}/[0-9a-f]{64}/(?:original\.(?:jpg|png|gif|webp)|(?:small|medium|large)\.(?:jpg|png))$`)

// Addresses says where shoppers find pictures.
type Addresses struct{ base string }

// NewAddresses is for a shop, or a bucket, at this address.
func NewAddresses(base string) Addresses { return Addresses{strings.TrimSuffix(base, "/")} }

// Of is the absolute address of one of a picture's files.
func (a Addresses) Of(p Picture, size Size) string { return a.base + Path + p.name(size) }

// KeyIn is the key of the picture that an address may be one of, wherever the shop was, or its bucket, when somebody
// wrote it down; "" for an address that is of none. Only media_files knows whether there is that picture.
func KeyIn(address string) string {
	at := strings.LastIndex(address, Path)
	if at < 0 {
		return ""
	}
	name := address[at+len(Path):]
	if !fileName.MatchString(name) {
		return ""
	}
	return path.Dir(name)
}
