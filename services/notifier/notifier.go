// Package notifier carries decisions to shoppers.
package notifier
