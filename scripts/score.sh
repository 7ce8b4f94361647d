#!/bin/sh
# Score what maild understands of real mails with known answers: scripts/score.sh CORPUS [--failures N].
# The corpus is not part of the project: without it there is nothing to do. The minima are what was
# reached; they are only ever raised.
set -eu
corpus=$1
shift
if [ ! -d "$corpus" ]; then
    echo "score: there is no $corpus"
    exit 0
fi
exec .venv/bin/python "$corpus/score.py" "$corpus" --command ".venv/bin/maild explain --json" \
    --min "answered at all=100" --min "subject=100" --min "from=100" --min "to=100" --min "names=100" \
    --min "text=98.3" --min "attachments=100" --min "reply=88.9" --min "reply: nothing to cut=100" \
    --min "not answered=100" --min "human kept=100" --min "kind bounce=100" --min "kind automatic=100" \
    --min "failed address (report)=100" --min "failed address (plain text)=99" \
    --min "failed address (count)=100" "$@"
