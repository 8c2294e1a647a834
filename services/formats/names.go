package formats

// Snake is a name as the house spells names: "Product Viewed", "productViewed"
// and "product-viewed" are product_viewed.
func Snake(name string) string { return snake(name) }
