package app

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAWindowIsMillisecondsOrADuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 15 * time.Minute, "900000": 15 * time.Minute, "1h": time.Hour, "1000": time.Second} {
		t.Setenv("RATE_LIMIT_WINDOW", text)
		config, err := readConfig()
		require.NoError(t, err, text)
		require.Equal(t, want, edge(config, nil, slog.Default()).RateLimitWindow, text)
	}
	for _, text := range []string{"999", "0", "-1", "25h", "99999999999999999", "soon"} {
		t.Setenv("RATE_LIMIT_WINDOW", text)
		_, err := readConfig()
		require.ErrorContains(t, err, "RATE_LIMIT_WINDOW", text)
	}
}

func TestTheGeneralLimitIsThereUnlessToldOtherwise(t *testing.T) {
	maximum := func(text string) int {
		t.Setenv("RATE_LIMIT_MAX", text)
		config, err := readConfig()
		require.NoError(t, err)
		faced := edge(config, nil, slog.Default())
		require.NotNil(t, faced.Limiter, "the stricter limits stay")
		return faced.RateLimitMax
	}
	require.Equal(t, 30000, maximum(""))
	require.Equal(t, 100, maximum("100"))
	require.Zero(t, maximum("0"))
	for _, text := range []string{"-1", "many", "1.5"} {
		t.Setenv("RATE_LIMIT_MAX", text)
		_, err := readConfig()
		require.ErrorContains(t, err, "RATE_LIMIT_MAX", text)
	}
}

func TestProxiesAndOriginsAreExact(t *testing.T) {
	t.Setenv("TRUSTED_PROXIES", " 10.1.2.3/8 , 192.0.2.1,2001:db8::/32,")
	t.Setenv("CORS_ORIGINS", "https://shop.example.com, http://localhost:5173 ,*")
	config, err := readConfig()
	require.NoError(t, err)
	faced := edge(config, nil, slog.Default())
	require.Equal(t, []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::/32"),
	}, faced.TrustedProxies)
	require.Equal(t, []string{"https://shop.example.com", "http://localhost:5173", "*"}, faced.Origins)
	t.Setenv("CORS_ORIGINS", "HTTPS://Shop.Example.com:443/, http://localhost:80, https://[2001:DB8::1]:8443")
	config, err = readConfig()
	require.NoError(t, err)
	require.Equal(t, []string{"https://shop.example.com", "http://localhost", "https://[2001:db8::1]:8443"}, config.CORSOrigins)
	for name, wrong := range map[string][]string{
		"TRUSTED_PROXIES": {"proxy", "10.0.0.0/33", "::ffff:10.0.0.0/104", "10.0.0.1:80"},
		"CORS_ORIGINS":    {"shop.example.com", "https://shop.example.com/shop", "https://*.example.com", "https://me@shop.example.com", "https://shop.example.com?", "https://*.example.com/x", "null", "file://"},
	} {
		for _, text := range wrong {
			t.Run(text, func(t *testing.T) {
				t.Setenv(name, text)
				_, err := readConfig()
				require.ErrorContains(t, err, name+" names")
			})
		}
	}
}
