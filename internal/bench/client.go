package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// client is one connection to the shop, kept. It is not net/http's, which would take as much of the shared cores as the
// shop does for the smallest requests.
type client struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
	body    []byte
}

// answerIn is how long one answer may take.
const answerIn = 20 * time.Second

// get asks for a path below the API's.
func (c *client) get(ctx context.Context, path string) (int, []byte, error) {
	return c.send(ctx, http.MethodGet, path, "")
}

// post sends JSON.
func (c *client) post(ctx context.Context, path, body string) (int, []byte, error) {
	return c.send(ctx, http.MethodPost, path, body)
}

// send answers status and body, which holds until the next request.
func (c *client) send(ctx context.Context, method, path, body string) (int, []byte, error) {
	if err := c.connect(ctx); err != nil {
		return 0, nil, err
	}
	r := append(c.request[:0], method...)
	r = append(append(append(r, " /api/v1"...), path...), " HTTP/1.1\r\nHost: "...)
	r = append(append(r, c.address...), "\r\n"...)
	if method != http.MethodGet { // buyers come from networks of their own
		address := rand.Uint32()
		r = fmt.Appendf(r, "X-Forwarded-For: 198.%d.%d.%d\r\n", 18+address>>31, address>>8&255, address&255)
	}
	if body != "" {
		r = append(r, "Content-Type: application/json\r\nContent-Length: "...)
		r = append(strconv.AppendInt(r, int64(len(body)), 10), "\r\n"...)
	}
	c.request = append(append(r, "\r\n"...), body...)
	status, err := c.exchange()
	if err != nil {
		c.close()
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return status, c.body, nil
}

func (c *client) exchange() (int, error) {
	_ = c.conn.SetDeadline(time.Now().Add(answerIn))
	if _, err := c.conn.Write(c.request); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, err
	}
	c.body = c.body[:0]
	for err == nil {
		if len(c.body) == cap(c.body) {
			c.body = append(c.body, 0)[:len(c.body)]
		}
		var n int
		n, err = response.Body.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
	}
	_ = response.Body.Close()
	if response.Close {
		c.close()
	}
	if err != io.EOF { //nolint:errorlint // a Reader returns this very value
		return 0, err
	}
	return response.StatusCode, nil
}

func (c *client) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return err
	}
	c.conn, c.reader = conn, bufio.NewReaderSize(conn, 64<<10)
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// unexpected is what a status other than the wanted one means.
func unexpected(status int, body []byte) error {
	text := strings.Join(strings.Fields(string(body[:min(len(body), 400)])), " ")
	return fmt.Errorf("answered %d: %s", status, text)
}
