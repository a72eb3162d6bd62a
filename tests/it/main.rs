//! The integration tests, one binary.

mod accuracy; // What is recovered must stay what was played.
mod buckets; // A bucket is read as a directory is.
mod cases; // What users see must stay what somebody read and found right.
mod cli; // Arguments, streams and exit status are promises.
#[cfg(feature = "aws")]
mod cloud; // What lies in AWS is read as files are, whatever the network does.
mod compare; // What is said to be new or gone must be so, whatever way it is asked.
mod documents; // What the documents say must be what the program does.
mod explain; // An id that a report names must lead somewhere.
mod extract; // The report of an extract must be the report of its logs.
mod faults; // What the system does to files and programs must cost no more than it has to.
mod findings; // What no log can show of the findings, and what is drawn of many.
mod fixture; // Every format is tried on the same pushes.
mod foreign; // What is no log must never look like a quiet day.
mod forgery; // What somebody forged must change nothing but itself.
mod formats; // Formats for other tools must keep those tools' rules.
mod history; // What happened to a repository is told in one line of time.
mod hostile; // What an attacker may have written must do no harm.
mod house; // What the architecture promises must stay true.
mod html; // What a browser is given must be a page and nothing else.
mod interrupt; // What is stopped in the middle must leave nothing behind.
mod isolation; // What a forger adds must change nothing about the pushes of others.
mod laws; // What must hold of every log is tried on many.
mod library; // What the library gives by default must be what the program prints.
mod limits; // What breaks a limit must cost itself and nothing beside it.
mod markdown; // What a ticket is given must say what the report says, within its bounds.
mod messages; // What is told to somebody who went astray must lead on, word by word.
mod missing; // What is missing must be counted and listed, and nothing else.
mod oracle; // What is fast must read what is slow.
mod ownership; // Every rule of who owns a call is shown by the smallest log that needs it.
mod parts; // Many processes must report what one does.
mod questions; // What a responder asks first must have an answer of one screen.
mod redaction; // Nothing of the original may be left, and nothing else may change.
mod renderers; // Every format, on the same pushes.
mod roles; // Who is said to stand behind a push must be who does.
mod screens; // What fills a terminal must fit it, and be what somebody looked at.
mod selection; // What is selected is what the whole report says of it.
mod simulator; // The judge must be sound before it judges.
mod state; // What was read and told once must be all that there is, wherever a run is killed.
mod status; // Each status is a promise, case by case.
mod support; // What the tests share is kept in one place.
mod terminal; // What a person sees is more than what a pipe gets.
mod torture; // What is damaged must cost nothing but itself.
mod verify; // What was altered must be told, and nothing else.
mod wrappers; // The same push must come out of every form that its records are kept in.
