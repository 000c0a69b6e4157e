// Opens a signed note, given on standard input, by the package of Go's checksum database: main KEY. Prints its text.
package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		var key note.Verifier
		if key, err = note.NewVerifier(os.Args[1]); err == nil {
			var opened *note.Note
			if opened, err = note.Open(text, note.VerifierList(key)); err == nil {
				fmt.Print(opened.Text)
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
