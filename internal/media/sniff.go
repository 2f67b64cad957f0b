package media

import "bytes"

// sniffed is how many bytes tell a format.
const sniffed = 12

// sniff tells the format by how the content begins; "" is none that is taken. What browsers would
// run, such as SVG, is none.
func sniff(content []byte) Format {
	switch {
	case bytes.HasPrefix(content, []byte("\xFF\xD8\xFF")):
		return JPEG
	case bytes.HasPrefix(content, []byte(pngSignature)):
		return PNG
	case bytes.HasPrefix(content, []byte("GIF87a")), bytes.HasPrefix(content, []byte("GIF89a")):
		return GIF
	case len(content) >= sniffed && string(content[:4]) == "RIFF" && string(content[8:12]) == "WEBP":
		return WebP
	}
	return ""
}
