-- What the door may do in the database, and nothing else: store sealed rows, look up its own sealed copies.
-- Applied by `tocsin door-role`, and again by `tocsin init` where the role exists; safe to run at any time.
-- It may not select a narrative, a contact, a case, a person or an audit row: PostgreSQL refuses.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'door') THEN
    CREATE ROLE door NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
  END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM door;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM door;
GRANT USAGE ON SCHEMA public TO door;

-- tips come in
GRANT INSERT ON tips_tip, tips_reportercopy, tips_sharedbody, tips_message, tips_claim, tips_objection TO door;
GRANT SELECT (id, public_id, mailbox_tag, box_tag, sent_tag) ON tips_tip TO door;
GRANT SELECT (id, text_tag) ON tips_sharedbody TO door;

-- a reporter's own mailbox: copies sealed for the key that the receipt derives
GRANT SELECT ON tips_reportercopy TO door;
GRANT SELECT (id, public_id, box_tag, outward, kind, copy_sealed, sent_tag, at) ON tips_message TO door;
GRANT SELECT (id, public_id, box_tag, sent_tag) ON tips_objection TO door;
GRANT SELECT (tag) ON tips_handover TO door;
GRANT SELECT (hand_over_tag, box_tag) ON tips_claim TO door;

-- what the pages ask: campaigns, switches, machines that may send
GRANT SELECT (id, name, title, active) ON tips_campaign TO door;
GRANT SELECT (id, name, "on") ON tips_switch TO door;
GRANT SELECT (id, public_id, key_digest, scopes, campaign_id, revoked_at) ON tips_apiclient TO door;

-- a recipient's page behind its link, and the answer
GRANT SELECT ON dispatch_pagecopy TO door;
GRANT INSERT ON dispatch_answer TO door;
GRANT SELECT (id, nonce, tag) ON dispatch_answer TO door;

-- published figures; the record of what the door did
GRANT SELECT ON statistics_publicfigure TO door;
GRANT INSERT ON audit_auditrow TO door;
