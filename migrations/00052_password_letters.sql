-- +goose Up
-- The owner of an account is written to when its password changes.
ALTER TABLE letters
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED', 'STAFF_INVITATION',
        'SECOND_FACTOR_ADDED', 'SECOND_FACTOR_REMOVED', 'RECOVERY_CODE_USED', 'PASSWORD_CHANGED'));

-- +goose Down
DELETE FROM letters WHERE purpose = 'PASSWORD_CHANGED';
ALTER TABLE letters
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED', 'STAFF_INVITATION',
        'SECOND_FACTOR_ADDED', 'SECOND_FACTOR_REMOVED', 'RECOVERY_CODE_USED'));
