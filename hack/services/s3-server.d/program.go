//go:build program

// Package program pins, with its go.mod, the S3 server that the tests run.
package program

import _ "github.com/versity/versitygw/cmd/versitygw"
