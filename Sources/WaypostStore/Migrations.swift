import GRDB

/// The shape of the store, version by version. A version that has shipped never changes.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in try db.execute(sql: first) }
        migrator.registerMigration("2") { db in try db.execute(sql: second) }
        migrator.registerMigration("3") { db in try db.execute(sql: third) }
        migrator.registerMigration("4") { db in try db.execute(sql: fourth) }
        migrator.registerMigration("5") { db in try db.execute(sql: fifth) }
        // From here on a delivery's lane also tells its track: a version before would not look there.
        migrator.registerMigration("6") { _ in }
        return migrator
    }

    /// Delivery and attempt keys begin with the message's sequence number, so rows of one message lie side by side, new rows
    /// are appended, and no further index is needed to find them.
    private static let first = """
        CREATE TABLE store (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) WITHOUT ROWID;

        -- A run of the router. Claimed rows name their epoch; rows of an epoch that has ended belong to nobody.
        CREATE TABLE owner (
            epoch INTEGER PRIMARY KEY AUTOINCREMENT,
            started_at INTEGER NOT NULL,
            heartbeat_at INTEGER NOT NULL,
            ended_at INTEGER
        );

        CREATE TABLE message (
            seq INTEGER PRIMARY KEY,               -- commit sequence, also the cursor
            id BLOB NOT NULL,                      -- ULID, 16 bytes
            client TEXT NOT NULL,
            channel TEXT NOT NULL,
            type TEXT NOT NULL,
            created_at INTEGER NOT NULL,           -- Unix milliseconds, as every *_at
            expires_at INTEGER NOT NULL,
            resend_of BLOB
        );
        CREATE UNIQUE INDEX message_id ON message(id);

        -- The first byte of body is the id of the key it is encrypted with, 0: plain.
        CREATE TABLE content (
            seq INTEGER PRIMARY KEY,
            body BLOB NOT NULL
        );

        CREATE TABLE delivery (
            key INTEGER PRIMARY KEY,               -- message seq * 1024 + ordinal
            envelope INTEGER NOT NULL,             -- deliveries of one envelope travel in one exchange
            channel INTEGER NOT NULL,
            role INTEGER NOT NULL,
            address_key INTEGER NOT NULL,          -- first 64 bits of HMAC-SHA-256(store key, channel NUL address)
            state INTEGER NOT NULL,
            owner INTEGER NOT NULL,                -- epoch that holds it in memory, 0: nobody
            lane INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            round INTEGER NOT NULL DEFAULT 1,
            tried TEXT NOT NULL DEFAULT '',        -- providers tried in this round, comma between
            changed_at INTEGER NOT NULL,
            provider TEXT,
            reference TEXT,
            reason TEXT
        );
        -- Small whatever the store holds: only what is still ours to move.
        CREATE INDEX delivery_open ON delivery(owner, channel, lane, due_at) WHERE state <= 2;
        CREATE INDEX delivery_letters ON delivery(key) WHERE state IN (7, 11);
        CREATE INDEX delivery_address ON delivery(address_key);

        CREATE TABLE attempt (
            message INTEGER NOT NULL,
            number INTEGER NOT NULL,               -- from 1
            id BLOB NOT NULL,
            envelope INTEGER NOT NULL,
            provider TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            decision TEXT NOT NULL,                -- JSON: why this provider
            duration INTEGER,                      -- microseconds; NULL while nobody knows how it ended
            outcome TEXT,
            http_status INTEGER,
            provider_code TEXT,
            detail TEXT,
            cost INTEGER,                          -- micro-units of the currency
            currency TEXT,
            PRIMARY KEY (message, number)
        ) WITHOUT ROWID;

        -- Decisions that did not lead to an attempt: everything was passed over, or had to wait.
        CREATE TABLE decision (
            seq INTEGER PRIMARY KEY,
            message INTEGER NOT NULL,
            decided_at INTEGER NOT NULL,
            body TEXT NOT NULL
        );
        CREATE INDEX decision_message ON decision(message);

        CREATE TABLE event (
            seq INTEGER PRIMARY KEY,
            message INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            type TEXT NOT NULL,
            at INTEGER NOT NULL,
            provider TEXT,
            detail TEXT
        );
        CREATE INDEX event_message ON event(message);

        CREATE TABLE idempotency (
            seq INTEGER PRIMARY KEY,
            key BLOB NOT NULL,                     -- SHA-256(client NUL key), 16 bytes
            fingerprint BLOB NOT NULL,             -- SHA-256(method, path, query, body), 16 bytes
            created_at INTEGER NOT NULL,
            status INTEGER NOT NULL,
            location TEXT,
            body BLOB NOT NULL
        );
        CREATE UNIQUE INDEX idempotency_key ON idempotency(key);

        CREATE TABLE suppression (
            channel TEXT NOT NULL,
            address_key INTEGER NOT NULL,
            reason TEXT NOT NULL,
            source TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (channel, address_key)
        ) WITHOUT ROWID;

        -- What an operator or a procedure holds against the ordinary course.
        CREATE TABLE override (
            id BLOB PRIMARY KEY,
            kind TEXT NOT NULL,
            target TEXT NOT NULL,
            channel TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL DEFAULT '',
            reason TEXT NOT NULL,
            by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER
        ) WITHOUT ROWID;

        -- Running counters, kept in the same transaction as the rows they count. State -1 is what was accepted in all.
        CREATE TABLE ledger (
            channel INTEGER NOT NULL,
            state INTEGER NOT NULL,
            live INTEGER NOT NULL DEFAULT 0,
            retired INTEGER NOT NULL DEFAULT 0,    -- rows that retention or an operator took away in this state
            PRIMARY KEY (channel, state)
        ) WITHOUT ROWID;
        """

    /// Users and their devices. Bodies are as content's: the first byte is the id of the key they are encrypted with.
    private static let second = """
        CREATE TABLE person (
            user TEXT PRIMARY KEY,
            body BLOB NOT NULL,
            email_key INTEGER,                     -- as delivery.address_key, on email
            phone_key INTEGER,                     -- the same on sms
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX person_email ON person(email_key) WHERE email_key IS NOT NULL;
        CREATE INDEX person_phone ON person(phone_key) WHERE phone_key IS NOT NULL;

        CREATE TABLE device (
            user TEXT NOT NULL,
            name TEXT NOT NULL,
            platform TEXT NOT NULL,
            body BLOB NOT NULL,
            fcm_key INTEGER,                       -- as delivery.address_key, on push
            apns_key INTEGER,
            registered_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (user, name)
        ) WITHOUT ROWID;
        CREATE INDEX device_fcm ON device(fcm_key) WHERE fcm_key IS NOT NULL;
        CREATE INDEX device_apns ON device(apns_key) WHERE apns_key IS NOT NULL;
        CREATE INDEX device_seen ON device(seen_at);

        -- Providers that can never reach the delivery, comma between: the address that they know is dead.
        ALTER TABLE delivery ADD COLUMN excluded TEXT NOT NULL DEFAULT '';
        """

    /// What providers tell by themselves, and what people said about being written to.
    private static let third = """
        -- What a provider told of an event, closed as content is: an object in JSON. Event rows of message 0 belong to none.
        ALTER TABLE event ADD COLUMN data BLOB;

        -- Whose id the provider gave the message: first 64 bits of SHA-256(provider NUL reference).
        ALTER TABLE attempt ADD COLUMN reference_key INTEGER;
        CREATE INDEX attempt_reference ON attempt(reference_key) WHERE reference_key IS NOT NULL;

        -- Names of events that have been taken in, for a day. Rows lie in the order they came, so that old ones go first.
        CREATE TABLE seen (
            seq INTEGER PRIMARY KEY,
            key BLOB NOT NULL,                     -- SHA-256(source NUL name), 16 bytes
            at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX seen_key ON seen(key);

        -- Receipts whose attempt is not known, or has no outcome yet: joined when it is there.
        CREATE TABLE stray (
            seq INTEGER PRIMARY KEY,
            attempt BLOB,                          -- the attempt's id; the message's where the receipt names that alone
            reference_key INTEGER,                 -- as attempt.reference_key, where it names that
            provider TEXT NOT NULL,
            body BLOB NOT NULL,                    -- the receipt, closed as content is
            at INTEGER NOT NULL
        );
        CREATE INDEX stray_attempt ON stray(attempt) WHERE attempt IS NOT NULL;
        CREATE INDEX stray_reference ON stray(reference_key) WHERE reference_key IS NOT NULL;

        CREATE TABLE suppressed (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL,
            address_key INTEGER NOT NULL,          -- as delivery.address_key
            address BLOB,                          -- closed as content is; NULL where only the key is known
            reason TEXT NOT NULL,
            source TEXT NOT NULL,
            detail TEXT,
            spares INTEGER NOT NULL DEFAULT 0,     -- 1: transactional messages may go out
            created_at INTEGER NOT NULL,
            expires_at INTEGER
        );
        INSERT INTO suppressed (channel, address_key, reason, source, detail, created_at)
            SELECT CASE channel WHEN 'email' THEN 0 WHEN 'sms' THEN 1 WHEN 'whatsapp' THEN 2 WHEN 'voice' THEN 3
                    WHEN 'push' THEN 4 ELSE 5 END,
                address_key,
                CASE channel WHEN 'email' THEN 'hard_bounce' WHEN 'push' THEN 'dead_token' ELSE 'invalid_address' END,
                source, reason, created_at
            FROM suppression ORDER BY created_at;
        DROP TABLE suppression;
        CREATE UNIQUE INDEX suppressed_address ON suppressed(address_key, channel);
        CREATE INDEX suppressed_expiry ON suppressed(expires_at) WHERE expires_at IS NOT NULL;

        -- The ledger of consent: rows are added and never changed.
        CREATE TABLE consent (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL,
            address_key INTEGER NOT NULL,
            address BLOB NOT NULL,                 -- closed as content is
            state INTEGER NOT NULL,                -- 0 denied, 1 granted, 2 withdrawn
            purpose TEXT NOT NULL,
            source TEXT NOT NULL,
            proof TEXT,
            at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            by TEXT NOT NULL
        );
        CREATE INDEX consent_address ON consent(address_key, channel, purpose, seq);

        -- What became of what was sent, by the minute in which it was sent. Provider '' is the channel as a whole, where a
        -- delivery that went back into the route counts no more.
        CREATE TABLE tally (
            minute INTEGER NOT NULL,               -- Unix time / 60 s
            channel INTEGER NOT NULL,
            provider TEXT NOT NULL,
            sent INTEGER NOT NULL DEFAULT 0,
            delivered INTEGER NOT NULL DEFAULT 0,
            undelivered INTEGER NOT NULL DEFAULT 0,
            opened INTEGER NOT NULL DEFAULT 0,
            clicked INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (minute, channel, provider)
        ) WITHOUT ROWID;

        -- The same by the hour, so that long windows are a few lines: whole hours here, the minutes of a broken one there.
        CREATE TABLE tally_hour (
            hour INTEGER NOT NULL,                 -- Unix time / 3600 s
            channel INTEGER NOT NULL,
            provider TEXT NOT NULL,
            sent INTEGER NOT NULL DEFAULT 0,
            delivered INTEGER NOT NULL DEFAULT 0,
            undelivered INTEGER NOT NULL DEFAULT 0,
            opened INTEGER NOT NULL DEFAULT 0,
            clicked INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (hour, channel, provider)
        ) WITHOUT ROWID;

        -- Attempts whose provider is being asked, or listened to, whether it has the message. Their deliveries are sending.
        CREATE TABLE reconciliation (
            message INTEGER NOT NULL,
            envelope INTEGER NOT NULL,
            provider TEXT NOT NULL,
            attempt BLOB NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,               -- the next look
            looks INTEGER NOT NULL DEFAULT 0,      -- made so far that found nothing
            looked_at INTEGER,                     -- when the first of them was
            PRIMARY KEY (message, envelope)
        ) WITHOUT ROWID;
        CREATE INDEX reconciliation_due ON reconciliation(due_at);

        -- Who is told of events: how far each has come, and what is told again.
        CREATE TABLE endpoint (
            name TEXT PRIMARY KEY,
            cursor INTEGER NOT NULL,               -- the last event that was told, or lies in retell
            failing_since INTEGER,
            disabled_at INTEGER,
            reason TEXT
        ) WITHOUT ROWID;

        CREATE TABLE retell (
            endpoint TEXT NOT NULL,
            event INTEGER NOT NULL,
            message INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (endpoint, event)
        ) WITHOUT ROWID;
        CREATE INDEX retell_due ON retell(endpoint, due_at);
        CREATE INDEX retell_message ON retell(endpoint, message, event);
        """

    /// Who did what to the router.
    private static let fourth = """
        -- A chain: each row holds the hash of the one before. The store's audit_head is the newest, audit_anchor the last that
        -- retention took away.
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            reason TEXT NOT NULL,
            data TEXT NOT NULL,                    -- an object in JSON
            previous BLOB NOT NULL,                -- 32 bytes; zeros before the first row
            hash BLOB NOT NULL                     -- SHA-256 over previous and the row
        );
        CREATE INDEX audit_action ON audit(action);
        CREATE INDEX audit_actor ON audit(actor);

        -- From when on the takes of an address count in windows that are asked of the store; address 0: of all.
        CREATE TABLE limit_reset (
            address_key INTEGER PRIMARY KEY,
            at INTEGER NOT NULL
        );
        """

    /// Reports of diagnoses, the last few of them.
    private static let fifth = """
        CREATE TABLE diagnostic (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            by TEXT NOT NULL,
            body BLOB NOT NULL                     -- the report as the API tells it: an object in JSON
        );
        """
}
