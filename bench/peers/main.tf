# COUNT backfills, each the script on the official SDK, run by a resource of OpenTofu's own.
variable "amount" { type = number }
variable "python" { type = string }
variable "script" { type = string }

resource "terraform_data" "orders" {
  count            = var.amount
  triggers_replace = ["2026-05-01", "2026-05-31", 74324]
  provisioner "local-exec" {
    command = "${var.python} ${var.script} orders-${count.index}"
  }
}
