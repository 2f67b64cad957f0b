package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestNoLetterIsOwedForWhoHasLeft(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	who := holderOf(t, service, login(t, service))
	_, err := db.Exec(t.Context(), `CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN DELETE FROM users WHERE id = NEW.user_id; RETURN NEW; END $$;
		CREATE TRIGGER leave BEFORE INSERT ON letters FOR EACH ROW EXECUTE FUNCTION leave()`)
	require.NoError(t, err)
	require.ErrorIs(t, service.RequestEmail(t.Context(), who, "new@example.com", password), auth.ErrToken)
}
