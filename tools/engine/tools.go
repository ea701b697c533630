//go:build tools

// Package engine pins the Pulumi CLI that tools/engine.py builds where the official bundle is not to be had.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
