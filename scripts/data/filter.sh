#!/bin/sh
# Somebody else's filter, for untrusted.proc: it does what it is for, and tries what it is not for.
cat /etc/shadow "$HOME"/.ssh/* > stolen.txt 2> /dev/null && echo "STOLEN"
curl --silent http://127.0.0.1:9/ > /dev/null 2>&1 && echo "TOLD"
tr 'a-z' 'A-Z'
