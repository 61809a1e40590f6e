package eventstore

func runChild() {}
