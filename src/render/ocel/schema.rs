//! The types of objects and events, with the types of their attributes.
//!
//! These are the declarations of OCEL 2.0, which has attributes of type string, time, integer,
//! float and boolean only.

use serde::Serialize;

use crate::event::Stage;

/// A type of objects or events.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Kind {
    name: &'static str,
    attributes: &'static [Declared],
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Declared {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

const fn string(name: &'static str) -> Declared {
    Declared {
        name,
        kind: "string",
    }
}

const fn integer(name: &'static str) -> Declared {
    Declared {
        name,
        kind: "integer",
    }
}

const fn time(name: &'static str) -> Declared {
    Declared { name, kind: "time" }
}

/// The types of objects.
pub(super) const OBJECTS: [Kind; 6] = [
    Kind {
        name: "push",
        attributes: &[
            string("status"),
            string("reason"),
            string("confidence"),
            time("first"),
            time("last"),
            integer("duration_s"),
            integer("uploaded_bytes"),
            integer("reused_bytes"),
            integer("orphaned_bytes"),
            string("client_ip"),
            string("client_user_agent"),
        ],
    },
    Kind {
        name: "upload",
        attributes: &[
            string("upload_id"),
            string("state"),
            integer("parts"),
            integer("received_bytes"),
        ],
    },
    Kind {
        name: "layer",
        attributes: &[string("digest"), string("kind"), integer("size_bytes")],
    },
    Kind {
        name: "image",
        attributes: &[
            string("digest"),
            string("kind"),
            string("what"),
            string("artifact_type"),
            string("media_type"),
            integer("size_bytes"),
        ],
    },
    Kind {
        name: "repository",
        attributes: &[
            string("service"),
            string("registry"),
            string("region"),
            string("name"),
        ],
    },
    Kind {
        name: "identity",
        attributes: &[
            string("kind"),
            string("arn"),
            string("account"),
            string("name"),
        ],
    },
];

/// The attributes that every event may have.
const OF_EVENTS: &[Declared] = &[
    string("event_id"),
    string("outcome"),
    string("error_code"),
    string("error_message"),
    integer("first_byte"),
    integer("last_byte"),
    string("tag"),
    string("request_id"),
    string("source_ip"),
    string("user_agent"),
    string("access_key_id"),
    string("evidence"),
    string("strength"),
    string("file"),
    integer("record"),
];

/// The types of events: the calls of a push.
pub(super) fn events() -> [Kind; 6] {
    Stage::ALL.map(|stage| Kind {
        name: stage.call(),
        attributes: OF_EVENTS,
    })
}
