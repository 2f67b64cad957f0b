//go:build linux || darwin

package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var errWrongPassword = errors.New("the database refuses its recorded password")

// address is how to reach a server and how to know it again.
type address struct {
	port     int
	password string
	instance string // the server's cluster_name, new at each start: a stranger on the same port has another
}

func (a address) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("cartwright", a.password),
		Host:     "127.0.0.1:" + strconv.Itoa(a.port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (a address) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, a.url(database))
	if hasCode(err, "28P01") {
		return nil, errWrongPassword
	}
	if err != nil {
		return nil, err
	}
	var instance string
	err = conn.QueryRow(ctx, "SHOW cluster_name").Scan(&instance)
	if err == nil && instance != a.instance {
		err = fmt.Errorf("another server answers on port %d", a.port)
	}
	if err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// ensureDatabase makes database cartwright when it is missing, which it is after initdb.
func (a address) ensureDatabase(ctx context.Context) error {
	conn, err := a.connect(ctx, "cartwright")
	if err == nil {
		return conn.Close(ctx)
	}
	if !hasCode(err, "3D000") { // invalid_catalog_name
		return err
	}
	if conn, err = a.connect(ctx, "postgres"); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE cartwright")
	return errors.Join(err, conn.Close(ctx))
}

func hasCode(err error, code string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == code
}

// state tells other processes about the server that runs.
type state struct {
	Starter  int    `json:"starter"` // process id of who holds the leash
	Port     int    `json:"port"`
	Major    int    `json:"major"`
	Instance string `json:"instance"`
}

func (f folder) writeState(s state) error {
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return f.write(stateFile, append(content, '\n'), 0o644)
}

func (f folder) readState() (state, error) {
	content, err := os.ReadFile(f.file(stateFile))
	if err != nil {
		return state{}, err
	}
	var s state
	err = json.Unmarshal(content, &s)
	return s, err
}
