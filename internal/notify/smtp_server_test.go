package notify

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mailServer speaks as much SMTP as a sender needs, and answers what a test wants to hear.
type mailServer struct {
	answers map[string]string // by command, such as "RCPT"; "" hangs
	plain   bool              // knows no STARTTLS
	tls     *tls.Config
	roots   *x509.CertPool
	port    int

	mu       sync.Mutex
	commands []string // without the content
	contents []string
	private  bool // whether the last content came encrypted
}

// serveMail listens until the test ends; implicit encrypts from the first byte.
func serveMail(t *testing.T, s *mailServer, implicit bool) *mailServer {
	t.Helper()
	s.tls, s.roots = certificate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.port = listener.Addr().(*net.TCPAddr).Port
	if implicit {
		listener = tls.NewListener(listener, s.tls)
	}
	context.AfterFunc(t.Context(), func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(t.Context(), func() { _ = conn.Close() })
			go s.talk(conn, implicit)
		}
	}()
	return s
}

func (s *mailServer) talk(conn net.Conn, private bool) {
	defer func() { _ = conn.Close() }()
	lines := bufio.NewReader(conn)
	say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	say("220 mail.example ESMTP")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		s.note(line)
		if answer, told := s.answers[verb]; told {
			if answer == "" {
				continue
			}
			say(answer)
			if !strings.HasPrefix(answer, "3") {
				continue
			}
		}
		switch verb {
		case "EHLO":
			say("250-mail.example")
			if !private && !s.plain {
				say("250-STARTTLS")
			}
			say("250-ENHANCEDSTATUSCODES")
			say("250 AUTH PLAIN LOGIN")
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, s.tls)
			lines, private = bufio.NewReader(conn), true
		case "AUTH":
			say("235 welcome")
		case "DATA":
			say("354 go on")
			s.take(lines, private)
			if answer, told := s.answers["CONTENT"]; told {
				say(answer)
				continue
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func (s *mailServer) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, line)
}

func (s *mailServer) take(lines *bufio.Reader, private bool) {
	var content strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		content.WriteString(strings.TrimPrefix(line, "."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents, s.private = append(s.contents, content.String()), private
}

// taken are the contents, and whether the last came encrypted.
func (s *mailServer) taken() (contents []string, private bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contents, s.private
}

// said are the commands that began so.
func (s *mailServer) said(prefix string) (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, command := range s.commands {
		if strings.HasPrefix(command, prefix) {
			found = append(found, command)
		}
	}
	return found
}

// sender reaches the server with some security.
func (s *mailServer) sender(t *testing.T, security Security, user string) *SMTP {
	t.Helper()
	sender, err := NewSMTP(SMTPConfig{
		Host: "127.0.0.1", Port: s.port, Username: user, Password: user, Security: security, Roots: s.roots,
	})
	require.NoError(t, err)
	return sender
}

// certificate vouches for 127.0.0.1.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, roots
}
