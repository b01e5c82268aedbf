"""The whole system on one machine: embedded servers, gateway, supervision."""
