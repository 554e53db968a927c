// Asks the handler of snippet.go for a token, as nobody and as a user.
package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
)

type User struct{ ID, Name string }

type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

var user *User

func currentUser(*http.Request) *User { return user }

func ask() answer {
	recorder := httptest.NewRecorder()
	chatToken(recorder, httptest.NewRequest("GET", "/chat-token", nil))
	if recorder.Code != http.StatusOK {
		return answer{Status: recorder.Code, Body: json.RawMessage("null")}
	}
	return answer{Status: recorder.Code, Body: recorder.Body.Bytes()}
}

func main() {
	os.Setenv("NATTER_TOKEN_SECRET", os.Args[1])
	anonymous := ask()
	user = &User{ID: "42", Name: os.Args[2]}
	json.NewEncoder(os.Stdout).Encode([]answer{anonymous, ask()})
}
