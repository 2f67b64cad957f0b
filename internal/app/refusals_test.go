package app

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// fit is a configuration that serve accepts.
func fit(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"DATABASE_URL": "postgres://unused", "PUBLIC_URL": "https://shop.example.com", "STRIPE_SECRET_KEY": "sk_test_of_a_test",
		"STRIPE_PUBLISHABLE_KEY": "pk_test_of_a_test", "STRIPE_WEBHOOK_SECRET": "whsec_of_a_test", "JWT_SECRET": "Fm3yYkz0aLq7rWc9VtXb2nHs5dJp8gUe",
	} {
		t.Setenv(name, value)
	}
}

// refused is what serve says of the environment.
func refused() error {
	config, err := readConfig()
	return errors.Join(err, config.production())
}

func TestServe_RefusesWhatCanOnlyBeWrong(t *testing.T) {
	live := map[string]string{"STRIPE_SECRET_KEY": "sk_live_of_a_test", "STRIPE_PUBLISHABLE_KEY": "pk_live_of_a_test"}
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no signing secret behind its prefix": {map[string]string{"STRIPE_WEBHOOK_SECRET": "whsec_"}, "STRIPE_WEBHOOK_SECRET is no signing secret"},
		"one of several is none":              {map[string]string{"STRIPE_WEBHOOK_SECRET": "whsec_of_a_test,whsec_"}, "STRIPE_WEBHOOK_SECRET is no signing secret"},
		"a key for the signing secret":        {map[string]string{"STRIPE_WEBHOOK_SECRET": "sk_test_of_a_test"}, "STRIPE_WEBHOOK_SECRET is no signing secret"},
		"a publishable key for the secret":    {map[string]string{"STRIPE_SECRET_KEY": "pk_test_of_a_test"}, "STRIPE_SECRET_KEY is no secret key"},
		"a secret key for the publishable":    {map[string]string{"STRIPE_PUBLISHABLE_KEY": "sk_test_of_a_test"}, "STRIPE_PUBLISHABLE_KEY is no publishable key"},
		"nothing behind the prefix":           {map[string]string{"STRIPE_SECRET_KEY": "sk_"}, "STRIPE_SECRET_KEY is no secret key"},
		"live over http":                      {merged(live, "PUBLIC_URL", "http://shop.example.com"), "PUBLIC_URL is http"},
		"a live storefront over http":         {merged(live, "STOREFRONT_URL", "http://www.example.com"), "STOREFRONT_URL is http"},
		"a live key sent in the clear":        {merged(live, "STRIPE_API_BASE", "http://stripe.example.com"), "STRIPE_API_BASE is http"},
		"keys of two modes":                   {map[string]string{"STRIPE_SECRET_KEY": "sk_live_of_a_test"}, "are of different modes"},
		"everybody a proxy":                   {map[string]string{"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES names"},
		"everybody a proxy over IPv6":         {map[string]string{"TRUSTED_PROXIES": "::/0"}, "TRUSTED_PROXIES names"},
		"everybody a proxy in halves":         {map[string]string{"TRUSTED_PROXIES": "0.0.0.0/1,128.0.0.0/1"}, "TRUSTED_PROXIES names"},
		"a phrase as a secret":                {map[string]string{"JWT_SECRET": "correct horse battery staple and more"}, "JWT_SECRET is weak"},
		"a phrase with signs":                 {map[string]string{"JWT_SECRET": "My-Super-Secret-Jwt-Token-For-Shop-2026"}, "JWT_SECRET is weak"},
		"a repetition":                        {map[string]string{"JWT_SECRET": "Fm3yYkz0aLq7rWc9Fm3yYkz0aLq7rWc9"}, "JWT_SECRET is weak"},
		"a sequence":                          {map[string]string{"JWT_SECRET": "0123456789abcdefghijklmnopqrstuv"}, "JWT_SECRET is weak"},
		"a placeholder":                       {map[string]string{"JWT_SECRET": "your_jwt_secret_here_change_in_production"}, "JWT_SECRET is weak"},
		"a phrase as the secret before":       {map[string]string{"JWT_SECRET_PREVIOUS": "correct horse battery staple and more"}, "JWT_SECRET_PREVIOUS is weak"},
		"an address with a port":              {map[string]string{"LISTEN_ADDRESS": "127.0.0.1:3000"}, "LISTEN_ADDRESS is not an address"},
		"an address that is a name":           {map[string]string{"LISTEN_ADDRESS": "shop.example.com"}, "LISTEN_ADDRESS is not an address"},
	} {
		t.Run(name, func(t *testing.T) {
			fit(t)
			require.NoError(t, refused())
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			require.ErrorContains(t, refused(), c.want)
		})
	}
}

func merged(env map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for k, v := range env {
		all[k] = v
	}
	return all
}

func TestServe_AcceptsWhatMayBeRight(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"a restricted key":     {"STRIPE_SECRET_KEY": "rk_test_of_a_test"},
		"live":                 {"STRIPE_SECRET_KEY": "sk_live_of_a_test", "STRIPE_PUBLISHABLE_KEY": "pk_live_of_a_test"},
		"http for tests":       {"PUBLIC_URL": "http://192.168.1.2:3000"},
		"private networks":     {"TRUSTED_PROXIES": "10.0.0.0/8,172.16.0.0/12,192.168.1.1,fc00::/7,fd12::/64,2001:db8::/32,173.245.48.0/20"},
		"an address to listen": {"LISTEN_ADDRESS": "127.0.0.1"},
		"IPv6 to listen":       {"LISTEN_ADDRESS": "::1"},
	} {
		t.Run(name, func(t *testing.T) {
			fit(t)
			for variable, value := range env {
				t.Setenv(variable, value)
			}
			require.NoError(t, refused())
		})
	}
}

func TestWeak_TakesNoRandomSecretForAPhrase(t *testing.T) {
	t.Parallel()
	for range 2000 {
		var secret [48]byte
		_, _ = rand.Read(secret[:])
		require.False(t, weak(base64.StdEncoding.EncodeToString(secret[:])))
		require.False(t, weak(hex.EncodeToString(secret[:32])))
	}
}
