//go:build program

// Package program pins, with its go.mod, the Kueue that the tests install.
package program

import _ "sigs.k8s.io/kueue/cmd/kueue"
